// The package entry `sagawright/graph`: statecharts as a model, as text for other tools, as pictures. A
// machine goes in, text comes out; nothing here runs one. Nothing is defined here.

export {
  type Chart,
  type ChartInvoke,
  type ChartState,
  type ChartTransition,
  type StateKind,
  type TransitionLabel,
  transitionId,
} from './chart.ts';
export { describeChart } from './describe-chart.ts';
export { toDot } from './dot.ts';
export { toMermaid } from './mermaid.ts';
export { type Annotation, activeStates, type Overlay, type OverlayValue } from './overlay.ts';
export type { Direction } from './places.ts';
export { type SagaPathStep, type SagaPaths, sagaPaths } from './saga-paths.ts';
export { type SagaSvgOptions, toSagaSvg } from './saga-svg.ts';
export { type JsonObject, type JsonValue, toStatelyJson } from './stately-json.ts';
export { type SvgOptions, toSvg } from './svg.ts';
export type { PictureOptions, Scheme } from './svg-style.ts';
