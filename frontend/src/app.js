// Behaviour shared by every page. Pages work without it; it only makes them quicker to use.
import "./htmx-setup.js";
import { startBehaviours } from "./behaviours.js";
import { startScoring } from "./scoring.js";

startBehaviours(document);
startScoring(document);
