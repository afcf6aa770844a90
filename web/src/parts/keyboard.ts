/**
 * Whether the device has a keyboard. Browsers do not say so, but a device with a precise pointer that can hover has a mouse, and so
 * a keyboard. Some phones claim to hover; none of them has a precise pointer.
 */
export const hasKeyboard = () => matchMedia('(hover: hover) and (pointer: fine)').matches;
