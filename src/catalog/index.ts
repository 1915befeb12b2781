/** What is sold: items with their units, and the prices they are sold at. */
export { type CatalogDirectory, type CatalogSnapshot, createCatalogDirectory } from './catalog-directory.ts';
export { type ChosenPrice, choosePrice, type PriceQuery } from './choose-price.ts';
export {
  getPriceRule,
  listItems,
  listPriceRules,
  loadItems,
  loadItemsByGtin,
  loadPriceRules,
  putItems,
  putPriceRules,
} from './items.ts';
