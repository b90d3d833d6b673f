import { isUnaskable, Unaskable } from '../../parts/unaskable.tsx';
import { Product } from './product.tsx';
import { ProductList } from './product-list.tsx';
import '../../styles/products.css';

/** All products, or the one that the address names. */
export function Products({ path: [product] }: { path: readonly string[] }) {
  if (product !== undefined && isUnaskable(product)) return <Unaskable id={product} />;
  return product === undefined ? <ProductList /> : <Product product={product} />;
}
