import { OFTEN, useAnswer } from '../../api/use-answer.ts';
import { Minutes } from './minutes.tsx';
import { NowFigures } from './now-figures.tsx';
import { Stream } from './stream.tsx';
import { useWall } from './use-wall.ts';
import { PagesNow, ProductsNow } from './viewed.tsx';
import '../../styles/live.css';

/** What goes on now. Asks every 2 s while the page is visible. */
export function Live() {
  const live = useAnswer('/v1/live', { every: OFTEN });
  const { isWall, enter, leave } = useWall();
  return (
    <div class="live">
      <header>
        <h1>Live</h1>
        <button type="button" class={isWall ? 'plain' : undefined} onClick={isWall ? leave : enter}>
          {isWall ? 'Leave full screen (Esc)' : 'Full screen, for the wall'}
        </button>
      </header>
      <NowFigures live={live} />
      <div class="columns">
        <div>
          <Minutes live={live} />
          <PagesNow live={live} />
          <ProductsNow live={live} />
        </div>
        <Stream isWall={isWall} />
      </div>
    </div>
  );
}
