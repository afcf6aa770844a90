import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import { newestMessageAge, seedItems } from '../../seeds/index.ts';

/** The seeds as they were loaded when their newest message got this time. */
export const seedsWithNewest = (newest: Timestamp) => seedItems(fromMicros(toMicros(newest) + newestMessageAge));

/** The seeds as loaded at one time, for tests that look at times. Their newest message is of 2024-11-03 18:51:11. */
export const seedsOf2024 = () => seedsWithNewest('2024-11-03T18:51:11.250731+00:00' as Timestamp);
