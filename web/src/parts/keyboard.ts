/** Whether there is one, as far as a browser tells: a machine with a mouse has. */
export const hasKeyboard = () => matchMedia('(hover: hover)').matches;
