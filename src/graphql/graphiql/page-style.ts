// The style of the bar. It takes GraphiQL's own variables and button classes, so that it follows its light and dark
// themes without naming a colour.

export const PAGE_STYLE = /* css */ `
body {
  display: flex;
  flex-direction: column;
  height: 100vh;
  overflow: hidden;
}
#graphiql {
  flex: 1;
  min-height: 0;
}
#graphiql .graphiql-container {
  height: 100%;
  width: 100%;
}
.graphiql-container.act-as {
  flex: none;
  align-items: center;
  gap: var(--px-12);
  box-sizing: border-box;
  height: 46px;
  width: 100%;
  padding: 0 var(--px-16);
  border-bottom: 1px solid hsla(var(--color-neutral), var(--alpha-background-heavy));
  color: hsl(var(--color-neutral));
  font: var(--font-weight-regular) var(--font-size-body) / 1 var(--font-family);
  white-space: nowrap;
}
.act-as strong {
  font-weight: var(--font-weight-medium);
}
.act-as fieldset {
  align-items: center;
  min-width: 0;
  margin: 0;
  padding: 3px;
  border: 0;
  overflow-x: auto;
  scrollbar-width: none;
}
.act-as legend {
  float: left;
  padding: 0 var(--px-4) 0 var(--px-8);
  color: hsla(var(--color-neutral), var(--alpha-secondary));
  font-size: var(--font-size-hint);
}
.act-as .graphiql-button {
  flex: none;
  max-width: 16em;
  margin-left: 2px;
  padding: 5px var(--px-10);
  border-radius: var(--border-radius-4);
  background: none;
  font-size: var(--font-size-inline-code);
  overflow: hidden;
  text-overflow: ellipsis;
}
.act-as .graphiql-button:has(:checked) {
  background: hsl(var(--color-base));
  color: hsl(var(--color-primary));
  cursor: default;
}
.act-as .graphiql-button:has(:focus-visible) {
  outline: 2px solid hsla(var(--color-primary), var(--alpha-tertiary));
  outline-offset: -2px;
}
.act-as [type='radio'] {
  position: absolute;
  opacity: 0;
  pointer-events: none;
}
.act-as-keys {
  display: flex;
  gap: var(--px-6);
  min-width: 0;
}
.act-as-keys[hidden] {
  display: none;
}
.act-as-keys input {
  box-sizing: border-box;
  width: 15em;
  min-width: 5em;
  height: 30px;
  padding: 0 var(--px-8);
  border: 1px solid hsla(var(--color-neutral), var(--alpha-background-heavy));
  border-radius: var(--border-radius-4);
  background: none;
  color: inherit;
  font: var(--font-size-hint) var(--font-family-mono);
}
.act-as-keys input:not(:placeholder-shown) {
  -webkit-text-security: disc;
}
.act-as-keys input:focus {
  outline: none;
  border-color: hsl(var(--color-primary));
}
.act-as-description {
  flex: 1;
  min-width: 0;
  overflow: hidden;
  color: hsla(var(--color-neutral), var(--alpha-secondary));
  font-size: var(--font-size-hint);
  line-height: 1.5;
  text-overflow: ellipsis;
}
@media (max-width: 1000px) {
  .act-as-description {
    display: none;
  }
}
noscript {
  display: block;
  padding: 16px;
}
`;
