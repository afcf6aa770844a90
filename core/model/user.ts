import * as z from 'zod/mini';
import { isMisleading } from './display-name.ts';
import { type Uuid, uuid } from './id.ts';
import { code } from './parse.ts';
import { isReservedHandle } from './reserved-handles.ts';
import { isBlank } from './text.ts';
import type { Timestamp } from './time.ts';

/** A user as others see them. */
export interface User {
  user_uuid: Uuid;
  handle: Handle;
  display_name: string;
}

/** What only operators say of a user. */
export interface Standing {
  /** When the user was suspended: they cannot use the service, nor be reached, from then on. */
  suspended_at?: Timestamp;
  /** Whether the user is exempt from the limits on first contacts: a bot, or a support account. */
  trusted?: boolean;
}

/** A user with the settings that they chose, and whether they can be reached. */
export interface UserWithSettings extends User, Pick<Standing, 'suspended_at'> {
  /** When the user was erased: what is left of them has the names of nobody (account.ts). */
  gone_at?: Timestamp;
  /** Whether the user shows others what they have read, and sees what others have read. */
  read_receipts: boolean;
  /** When the user signed out everywhere last: access tokens that were issued until then are refused. */
  signed_out_at?: Timestamp;
}

/** A unique name in lower case: 1–30 of a–z, 0–9, `_`. */
export type Handle = string & z.$brand<'Handle'>;

/** A handle as users write it. */
export const handlePattern = /^@?(\w{1,30})$/;

/**
 * Reads a handle in any case, with or without the `@`.
 * @returns undefined for a text that cannot be a handle
 */
export function toHandle(text: string): Handle | undefined {
  // Matches before lowering the case: otherwise the Kelvin sign (U+212A) would be accepted, since its lower case is a
  // plain k.
  const [, name] = handlePattern.exec(text) ?? [];
  return name?.toLowerCase() as Handle | undefined;
}

// A direction character could reverse the text around the name.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** The check of a new user, including the identity (Cognito id) that they sign in with. */
export const registeredUserSchema = z.object({
  user_uuid: uuid('person_invalid'),
  handle: z.pipe(
    z.string(code('person_invalid')).check(z.regex(handlePattern, code('person_invalid'))),
    z.transform((text) => toHandle(text) as Handle),
  ),
  display_name: z.string(code('person_invalid')).check(
    z.refine((name) => name.isWellFormed() && !isBlank(name) && !unprintable.test(name) && [...name].length <= 40, {
      ...code('person_invalid'),
      abort: true,
    }),
    z.refine((name) => !isMisleading(name), code('display_name_misleading')),
    // For the OpenAPI document, since a schema's refinements cannot be converted.
    z.meta({ minLength: 1, maxLength: 40 }),
  ),
  cognito_user_id: z.string(code('person_invalid')).check(z.minLength(1, code('person_invalid'))),
  email: z.email(code('person_invalid')),
});

/** A user with the identity that they sign in with. */
export type RegisteredUser = z.output<typeof registeredUserSchema>;

/** All that the table knows of a user. */
export type StoredUser = RegisteredUser & UserWithSettings;

const { handle, display_name, email } = registeredUserSchema.shape;
const profileFields = {
  handle: handle.check(z.refine((name) => !isReservedHandle(name), code('handle_reserved'))),
  display_name: z.optional(display_name),
};

/** The display name defaults to the handle. */
const withDisplayName = <Profile extends { handle: Handle; display_name?: string | undefined }>(profile: Profile) => ({
  ...profile,
  display_name: profile.display_name ?? profile.handle,
});

/** The profile that a signed-in caller without a user asks for. */
export const profileSchema = z.pipe(z.object(profileFields, code('body_invalid')), z.transform(withDisplayName));

/** The profile and e-mail address that a new user asks for at sign-up. */
export const signUpSchema = z.pipe(z.object({ ...profileFields, email }), z.transform(withDisplayName));

export type SignUp = z.output<typeof signUpSchema>;
