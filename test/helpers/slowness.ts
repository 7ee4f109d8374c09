/** How many times slower than usual everything may be: more than 1 under a sanitizer. */
export const SLOWNESS = Number(process.env['GENAI_TEST_SLOWNESS'] ?? 1);
