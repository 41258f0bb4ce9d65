// Behaviour shared by every page. Pages work without it; it only makes them quicker to use.
import "./htmx-setup.js";
import { startApiDocs } from "./api-docs.js";
import { startBatch } from "./batch.js";
import { startBehaviours } from "./behaviours.js";
import { startDrafts } from "./drafts.js";
import { startExports } from "./exporting.js";
import { startStrip } from "./offline-strip.js";
import { startOutbox } from "./outbox.js";
import { startPhotos } from "./photos.js";
import { startReportForm } from "./report-form.js";
import { startReview } from "./review.js";
import { startScoring } from "./scoring.js";
import { startWall } from "./wall.js";

startBehaviours(document);
startApiDocs(document);
startScoring(document);
startWall(document);
startExports(document);
startDrafts(document);
startPhotos(document);
startReportForm(document);
startBatch(document);
startReview(document);
startStrip();
startOutbox();
