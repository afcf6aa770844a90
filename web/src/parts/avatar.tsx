/** A round with the first letter of a name; it says nothing that the name beside it does not. */
export function Avatar({ name }: { name: string }) {
  const [first] = new Intl.Segmenter().segment(name);
  return (
    <span className="avatar" aria-hidden="true">
      {first?.segment.toLocaleUpperCase()}
    </span>
  );
}
