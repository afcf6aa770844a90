/** A circle with the first letter of a name. Hidden from screen readers, which read the name beside it. */
export function Avatar({ name }: { name: string }) {
  const [first] = new Intl.Segmenter().segment(name);
  return (
    <span className="avatar" aria-hidden="true">
      {first?.segment.toLocaleUpperCase()}
    </span>
  );
}
