/** All e2e tests in their order: the cheap ones first. */
import "./support/around";
import "./bad-input";
import "./secrets";
import "./enclave";
import "./gate";
import "./recovery";
import "./tampered";
