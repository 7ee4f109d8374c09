/** What the client says of itself in every request. */
import { PACKAGE, packageVersion } from '../../../util/package.ts';

/** The version whose REST API this client follows. */
const MLFLOW_VERSION = '3.17.2';

let headers: Readonly<Record<string, string>> | undefined;

export function clientVersion(): Readonly<Record<string, string>> {
  headers ??= {
    'user-agent': `${PACKAGE}/${packageVersion()}`,
    'x-mlflow-client-version': MLFLOW_VERSION,
  };
  return headers;
}
