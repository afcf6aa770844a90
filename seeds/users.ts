/** A user of the local stack, in its user pool and in its table. */
export interface SeedUser {
  user_uuid: string;
  handle: string;
  display_name: string;
  /** The `sub` of their tokens. */
  cognito_user_id: string;
  email: string;
}

/**
 * The password of all seed users. It is not secret: these users exist only in cognito-local on the developer's
 * machine.
 */
export const seedPassword = 'Lantern-at-low-tide-7';

export const seedUsers: readonly SeedUser[] = [
  {
    user_uuid: 'e3fe4ac1-cadf-43c4-80af-45edc81ca5d7',
    handle: 'grahams',
    display_name: 'Grahams Tartar',
    cognito_user_id: '0c9f6d52-4b0e-4d8e-9a7c-5b1f0e6a2d31',
    email: 'grahams@example.com',
  },
  {
    user_uuid: 'f3325485-4b52-4625-8f34-0d323abdf0b7',
    handle: 'reef',
    display_name: 'Wriggle Reef',
    cognito_user_id: '7be1a3c4-92d6-4f1b-8c55-3d0a9e47f6b2',
    email: 'reef@example.com',
  },
  {
    user_uuid: 'b7d4c2aa-6e19-4f83-a1d0-2c95e8b3f174',
    handle: 'bayko',
    display_name: 'Bayko Lindqvist',
    cognito_user_id: 'a48d07f9-15c3-4e62-b9ea-6f2c81d5e093',
    email: 'bayko@example.com',
  },
];
