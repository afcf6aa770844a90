/** White letters on each have a contrast of at least 4.5 to 1, and each stands out from light and dark pages by at least 3 to 1. */
export const avatarColours = [
  ...['#c93232', '#a55729', '#896622', '#667226', '#367a29', '#1f7b4d'],
  ...['#1e7871', '#267399', '#3a66ce', '#6c58d5', '#a634cc', '#c03084'],
] as const;

/** @param uuid of a user @returns their colour, the same on every page */
export function avatarColour(uuid: string): string {
  let sum = 0;
  for (const character of uuid) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003;
  return avatarColours[sum % avatarColours.length] as string;
}

/**
 * A circle with the first letter of a name. Hidden from screen readers, which read the name beside it.
 * @param props.user the UUID of the user, which decides the colour
 */
export function Avatar({ name, user }: { name: string; user: string }) {
  const [first] = new Intl.Segmenter().segment(name);
  return (
    <span className="avatar" aria-hidden="true" style={{ background: avatarColour(user) }}>
      {first?.segment.toLocaleUpperCase()}
    </span>
  );
}
