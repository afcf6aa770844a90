import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

/** An entry of a menu. */
export interface MenuItem {
  name: string;
  action: () => void;
}

const margin = 8; // pixels between the menu and the edges of the window
const leastSpace = 60; // pixels that the menu has even beside a button that is scrolled out of the window

/**
 * A button with a menu, as the ARIA patterns describe it: the arrows, Home and End move in the menu; Escape closes it.
 * @param props.label names the button and the menu
 * @param props.items called when the menu opens, so that they may depend on the time or on an answer of the service; must not fail
 * @param props.isTabStop whether the Tab key reaches the button; default true
 */
export function Menu({
  label,
  items,
  isTabStop = true,
}: {
  label: string;
  items: () => MenuItem[] | Promise<MenuItem[]>;
  isTabStop?: boolean;
}) {
  const [shown, setShown] = useState<MenuItem[]>();
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [isOpening, setOpening] = useState(false);
  const close = () => setShown(undefined);
  const open = async () => {
    const made = items();
    if (Array.isArray(made)) return setShown(made);
    button.current?.focus(); // Safari does not focus a pressed button
    setOpening(true);
    const awaited = await made;
    setOpening(false);
    // If the focus has moved meanwhile, the menu does not take it back.
    if (document.activeElement === button.current) setShown(awaited);
  };
  return (
    <span className="menu">
      <button
        ref={button}
        type="button"
        className="menu-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={shown !== undefined}
        aria-busy={isOpening ? true : undefined}
        aria-controls={shown && id}
        tabIndex={isTabStop ? undefined : -1}
        onClick={() => {
          if (shown) close();
          else if (!isOpening) void open();
        }}
      >
        <span aria-hidden="true">⋮</span>
      </button>
      {shown && <OpenMenu id={id} label={label} items={shown} button={button} close={close} />}
    </span>
  );
}

function OpenMenu(props: {
  id: string;
  label: string;
  items: MenuItem[];
  button: { current: HTMLButtonElement | null };
  close: () => void;
}) {
  const { id, label, items, button, close } = props;
  const menu = useRef<HTMLDivElement>(null);
  const entries = () => [...(menu.current?.querySelectorAll('button') ?? [])];

  useLayoutEffect(() => {
    // A popover lies above everything, so no scroll area cuts it off.
    menu.current?.showPopover?.();
    if (menu.current && button.current) place(menu.current, button.current);
    menu.current?.querySelector('button')?.focus({ preventScroll: true });
  }, [button]);

  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    const isOutside = ({ target }: Event) =>
      !menu.current?.contains(target as Node) && !button.current?.contains(target as Node);
    const closeFromOutside = (event: Event) => {
      if (isOutside(event)) latest.current();
    };
    // What scrolls below the menu moves its button.
    const follow = () => {
      if (menu.current && button.current) place(menu.current, button.current);
    };
    const events = { pointerdown: closeFromOutside, focusin: closeFromOutside, scroll: follow, resize: follow };
    for (const [name, on] of Object.entries(events)) addEventListener(name, on, { capture: true });
    return () => {
      for (const [name, on] of Object.entries(events)) removeEventListener(name, on, { capture: true });
    };
  }, [button]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) all.at(next % all.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') {
      button.current?.focus();
      close();
    }
    if (next === undefined && event.key !== 'Escape') return; // the Tab key goes on from the button
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={menu} id={id} role="menu" aria-label={label} popover="manual" className="entries" onKeyDown={onKeyDown}>
      {items.map(({ name, action }) => (
        <button
          key={name}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            button.current?.focus(); // before the action, which may move it on
            close();
            action();
          }}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/**
 * Places the menu below its button, or above it where there is more space, and beside it on the side with more space. The maximal sizes
 * keep it within the window also when its letters grow.
 */
function place(menu: HTMLElement, button: HTMLElement): void {
  const { top, bottom, left, right } = button.getBoundingClientRect();
  const below = innerHeight - bottom - margin;
  const above = top - margin;
  const toRight = innerWidth - left - margin;
  const toLeft = right - margin;
  const isBelow = menu.scrollHeight <= below || below >= above;
  const isToRight = toRight >= toLeft;
  Object.assign(menu.style, {
    top: isBelow ? `${Math.max(margin, bottom)}px` : 'auto',
    bottom: isBelow ? 'auto' : `${Math.max(margin, innerHeight - top)}px`,
    maxHeight: `${Math.max(isBelow ? below : above, leastSpace)}px`,
    left: isToRight ? `${Math.max(margin, left)}px` : 'auto',
    right: isToRight ? 'auto' : `${Math.max(margin, innerWidth - right)}px`,
    maxWidth: `${Math.max(isToRight ? toRight : toLeft, leastSpace)}px`,
  });
}
