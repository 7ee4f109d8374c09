/** Who we are to the server: a user name with a password, or a token. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Credentials, checkText } from './settings.ts';

/**
 * Adds to `given` what the environment and `~/.mlflow/credentials` say; the environment wins over the file, as in Python.
 * Nothing is added where something is given. Line breaks at the end, which a file of a secret has, are no part of it.
 *
 * @throws {GenAIError} `ERR_GENAI_INVALID_ARGUMENT` for what no header can hold
 */
export async function resolveCredentials(
  given: Credentials,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Credentials> {
  if ((given.username ?? given.password ?? given.token) !== undefined) return given;
  const file = await readCredentialsFile();
  const read = (name: string): string | undefined => checkText(name, env[name]?.replace(/[\r\n]+$/, ''));
  return {
    username: read('MLFLOW_TRACKING_USERNAME') ?? checkText('mlflow_tracking_username', file.username),
    password: read('MLFLOW_TRACKING_PASSWORD') ?? checkText('mlflow_tracking_password', file.password),
    token: read('MLFLOW_TRACKING_TOKEN'),
  };
}

/** The value of the `Authorization` header. Name and password win over a token, as in Python. */
export function authorization({ username, password, token }: Credentials): string | undefined {
  if (username && password) return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return token ? `Bearer ${token}` : undefined;
}

/** What must never show in a message, also when a server sends it back. */
export function secretsOf(credentials: Credentials): string[] {
  const { password, token } = credentials;
  const header = authorization(credentials)?.split(' ')[1];
  return [password, token, header].filter(secret => secret !== undefined && secret !== '').map(String);
}

async function readCredentialsFile(): Promise<Credentials> {
  let text: string;
  try {
    text = await readFile(join(homedir(), '.mlflow', 'credentials'), 'utf8');
  } catch {
    return {}; // there is none, or it is not ours to read
  }
  const section = readIniSection(text, 'mlflow');
  return { username: section.get('mlflow_tracking_username'), password: section.get('mlflow_tracking_password') };
}

/**
 * Lines of one section as Python's configparser reads them. The ini libraries of npm follow another dialect: they take quotes
 * away and cut a value at `#` or `;`, which a password may hold.
 */
function readIniSection(text: string, wanted: string): Map<string, string> {
  const values = new Map<string, string>();
  let section: string | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const [, title] = /^\[([^\]]+)\]/.exec(line) ?? [];
    if (title !== undefined) section = title;
    const [, name, value] = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (title !== undefined || section !== wanted || name === undefined || value === undefined) continue;
    values.set(name.toLowerCase(), value.replaceAll('%%', '%'));
  }
  return values;
}
