/** Whether the device has a keyboard. Browsers do not say so, but a device that can hover has a mouse, and so a keyboard. */
export const hasKeyboard = () => matchMedia('(hover: hover)').matches;
