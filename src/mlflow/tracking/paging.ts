/** Searches: what all of them take, and walking through their pages. */
import { GenAIError, invalidArgument } from '../../errors.ts';
import { checkOptions } from '../../util/options.ts';
import { checkInteger } from './check.ts';
import type { Page } from './entities.ts';

export interface SearchOptions {
  /** In MLflow's search language: `"name LIKE 'phi%'"`. */
  readonly filter?: string | undefined;
  /** Most results of one page; the server's default differs from search to search. */
  readonly maxResults?: number | undefined;
  /** `["metrics.ttft ASC"]` */
  readonly orderBy?: readonly string[] | undefined;
  readonly pageToken?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export function checkSearch(options: SearchOptions, further: readonly string[] = []): void {
  checkOptions(options, ['filter', 'maxResults', 'orderBy', 'pageToken', 'signal', ...further]);
  const { filter, maxResults, orderBy, pageToken } = options;
  checkInteger(maxResults, 'maxResults', 1);
  if (filter !== undefined && typeof filter !== 'string') throw invalidArgument('filter', 'a string', filter);
  if (pageToken !== undefined && typeof pageToken !== 'string')
    throw invalidArgument('pageToken', 'a string', pageToken);
  const words = orderBy === undefined || (Array.isArray(orderBy) && orderBy.every(word => typeof word === 'string'));
  if (!words) throw invalidArgument('orderBy', 'a list of strings', orderBy);
}

/** The common part of a search request on the wire. */
export function searchFields({ filter, maxResults, orderBy, pageToken }: SearchOptions): {
  filter?: string;
  max_results?: number;
  order_by?: readonly string[];
  page_token?: string;
} {
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(maxResults === undefined ? {} : { max_results: maxResults }),
    ...(orderBy === undefined ? {} : { order_by: orderBy }),
    ...(pageToken === undefined ? {} : { page_token: pageToken }),
  };
}

/**
 * All results of a search, page after page, as they are read.
 *
 * @param search asks for the page of a token: `pageToken => client.searchRuns({ experimentIds, pageToken })`
 * @throws {GenAIError} `ERR_MLFLOW_HTTP` when the server leads in a circle; or what `search` throws
 */
export async function* allPages<Item>(
  search: (pageToken: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const page = await search(token);
    yield* page.items;
    token = page.nextPageToken;
    if (token !== undefined && seen.has(token)) {
      throw new GenAIError('ERR_MLFLOW_HTTP', 'The server repeats the token of a page: its results would never end.');
    }
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
}
