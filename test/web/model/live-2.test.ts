import { testHalf } from './histories.ts';

testHalf();
