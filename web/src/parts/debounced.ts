import { useEffect, useState } from 'react';

/**
 * Delays a changing value.
 * @param delay milliseconds
 * @returns the value that has not changed for that long
 */
export function useDebounced<Value>(value: Value, delay: number): Value {
  const [debounced, setDebounced] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return debounced;
}
