import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { importOneWay } from './lint/import-one-way.js';

export default defineConfig(
  globalIgnores(['dist/', '.sst/', 'coverage/', 'node_modules/', 'infra/', 'sst.config.ts', 'stacks/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { flotilla: { rules: { 'import-one-way': importOneWay } } },
    rules: {
      'flotilla/import-one-way': 'error',
      'no-console': 'error',
      'max-len': [
        'error',
        { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true },
      ],
      eqeqeq: 'error',
      'max-lines': ['warn', { max: 400, skipComments: true, skipBlankLines: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['local/start/**', 'cli/**', 'agent/**', 'scripts/**', 'test/bench/**'], rules: { 'no-console': 'off' } },
);
