import { Card } from '../../../parts/card.tsx';
import { Tabs } from '../../../parts/tabs.tsx';
import { setQuery, useView } from '../../../view/view.ts';
import { MissedProducts } from './missed-products.tsx';
import { ProductsCsv, TopProducts } from './top-products.tsx';
import { Trending } from './trending.tsx';

const TABS = [
  { id: 'top', label: 'Top products' },
  { id: 'missed', label: 'Viewed, not bought' },
  { id: 'trending', label: 'Trending now' },
] as const;

/** The products: the largest, those that are looked at in vain, and those of the last hours. */
export function ProductsCard() {
  const { query } = useView();
  const current = TABS.find(({ id }) => id === query.products)?.id ?? 'top';
  return (
    <Card
      title="Products"
      wide
      actions={
        <>
          <Tabs
            label="Products"
            tabs={TABS}
            current={current}
            onSelect={(id) => setQuery({ products: id, 'products-all': undefined })}
          />
          <ProductsCsv of={current} />
        </>
      }
    >
      <div class="ranked">
        {current === 'top' ? <TopProducts /> : current === 'missed' ? <MissedProducts /> : <Trending />}
      </div>
    </Card>
  );
}
