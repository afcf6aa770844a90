/** A user's display name and handle on one line. */
export function Names({ display_name, handle }: { display_name: string; handle: string }) {
  return (
    <span className="names">
      <strong>
        <bdi>{display_name}</bdi>
      </strong>{' '}
      <small>@{handle}</small>
    </span>
  );
}
