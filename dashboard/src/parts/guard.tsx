import { Component, type ComponentChildren } from 'preact';

interface State {
  failed?: Error;
}

/** Says that a page failed, instead of leaving it half empty: such as a page that is older, or newer, than the API. */
export class Guard extends Component<{ children: ComponentChildren }, State> {
  override state: State = {};

  static override getDerivedStateFromError(failed: Error): State {
    return { failed };
  }

  override render() {
    const { failed } = this.state;
    if (!failed) return this.props.children;
    return (
      <div class="problem" role="alert">
        <p>
          <strong>This page failed.</strong> The numbers are safe. Load it again: it may be of another version
          than the API.
        </p>
        <p class="quiet">
          <code>{String(failed)}</code>
        </p>
        <button type="button" onClick={() => location.reload()}>
          Load again
        </button>
      </div>
    );
  }
}
