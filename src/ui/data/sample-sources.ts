/** Whose pictures the built-in sample is made of; `sample.json` is written beside it at build. */
export interface SampleSource {
  name: string;
  licence: string;
  url: string;
}

export async function sampleSources(): Promise<SampleSource[]> {
  const response = await fetch(`${import.meta.env.BASE_URL}sample/sample.json`);
  if (!response.ok) return [];
  const { sources } = (await response.json()) as { sources: SampleSource[] };
  return sources;
}
