// The contract over plain maps.

import { memoryContents, memoryStore } from '../../store/index.ts';
import { describeStore } from './store.suite.ts';

describeStore('memory store', () => {
  const contents = memoryContents();
  return { store: () => memoryStore(contents) };
});
