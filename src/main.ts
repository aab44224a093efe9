/** Where the page begins: language, session, screen; then the workers. */
import { mount } from 'svelte';
import App from './App.svelte';
import { i18n } from './i18n/index.svelte.ts';
import { recall } from './session/remember.ts';
import { createSession, startSession } from './session/session.ts';
import './ui/styles/theme.css';

i18n.start(recall('language'));
const session = createSession();
const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element #app');
mount(App, { target, props: { session } });
// after the first frame is drawn, so that starting workers never delays it
requestAnimationFrame(() => setTimeout(() => startSession(session)));
