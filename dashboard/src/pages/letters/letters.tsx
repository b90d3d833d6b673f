import '../../styles/system.css';
import '../../styles/letters.css';
import { Sections } from '../system/sections.tsx';
import { Letter } from './letter.tsx';
import { List } from './list.tsx';

/** Records that could not be counted, with the reason: to look at, correct, replay or discard. */
export function Letters({ path: [letter] }: { path: readonly string[] }) {
  return (
    <>
      <h1>{letter === undefined ? 'Dead letters' : 'Dead letter'}</h1>
      <Sections current="letters" />
      {letter === undefined ? <List /> : <Letter id={letter} />}
    </>
  );
}
