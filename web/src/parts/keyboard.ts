/**
 * Whether the device has a keyboard. Browsers do not tell, but a device whose pointer is precise and can hover has a mouse or touchpad,
 * and therefore most likely a keyboard. Hovering alone is no evidence: some phones claim it, but no phone claims a precise pointer.
 */
export const hasKeyboard = () => matchMedia('(hover: hover) and (pointer: fine)').matches;
