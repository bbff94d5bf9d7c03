// sst's platform names these among its development dependencies, which are not installed to check types.
declare module 'archiver';
declare module 'bun' {
  export const $: unknown;
  export type Shell = unknown;
}
