// First, so that a page's own styles come after them.
import './styles/base.css';
import './styles/forms.css';
import './styles/tables.css';
import './styles/parts.css';
// Before all that takes time to run.
import './early.ts';

import { render } from 'preact';
import { App } from './app.tsx';

render(<App />, document.getElementById('page')!);
