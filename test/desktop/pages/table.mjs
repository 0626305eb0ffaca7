// Ten thousand rows in the interface's own table, on a page of their own.
import { mount } from 'svelte';
import '../../../renderer/styles/tokens.css';
import '../../../renderer/styles/base.css';
import TableOfRows from './TableOfRows.svelte';

const rows = Array.from({ length: 10_000 }, (_, i) => ({ id: `row-${i + 1}`, number: i + 1 }));
mount(TableOfRows, { target: document.querySelector('main'), props: { rows } });
