/** For calls of `whoAmI` where the age of the token does not matter. */
export const freshToken = { issued_at: 9_000_000_000, expires_at: 9_000_003_600 };
