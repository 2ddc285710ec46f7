// The package entry `sagawright/inspect`: any engine, live, in Stately's inspector or on a page of its
// own. Nothing is defined here.

export type { InspectorBounds, InspectorOptions } from './inspector-options.ts';
export type {
  InspectedActor,
  InspectedEvent,
  InspectedSnapshot,
  InspectedTransition,
  InspectionMessage,
  RestoredMessage,
  RestoringMessage,
  ViewerMessage,
} from './protocol.ts';
export { type Inspector, serveInspector } from './serve-inspector.ts';
