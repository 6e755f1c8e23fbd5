/**
 * Every rule, in the order of the catalogue. A new rule: one file in rules/, one line here, one negative test in
 * test/policy.
 */
import { reachabilityRules } from "./reachability-rules";
import type { Rule } from "./rule";
import NT_01 from "./rules/NT-01";
import NT_02 from "./rules/NT-02";
import NT_03 from "./rules/NT-03";
import NT_04 from "./rules/NT-04";
import NT_05 from "./rules/NT-05";
import NT_06 from "./rules/NT-06";
import NT_07 from "./rules/NT-07";
import NT_08 from "./rules/NT-08";
import NT_09 from "./rules/NT-09";
import NT_10 from "./rules/NT-10";
import NT_11 from "./rules/NT-11";
import NT_12 from "./rules/NT-12";
import NT_13 from "./rules/NT-13";
import NT_14 from "./rules/NT-14";
import NT_15 from "./rules/NT-15";
import NT_16 from "./rules/NT-16";
import NT_17 from "./rules/NT-17";
import NT_18 from "./rules/NT-18";
import NT_19 from "./rules/NT-19";
import NT_20 from "./rules/NT-20";
import NT_21 from "./rules/NT-21";
import NT_22 from "./rules/NT-22";
import NT_23 from "./rules/NT-23";
import NT_24 from "./rules/NT-24";
import NT_25 from "./rules/NT-25";
import NT_26 from "./rules/NT-26";
import NT_27 from "./rules/NT-27";
import DD_01 from "./rules/DD-01";
import DD_02 from "./rules/DD-02";
import DD_03 from "./rules/DD-03";
import DD_04 from "./rules/DD-04";
import DD_05 from "./rules/DD-05";
import DD_06 from "./rules/DD-06";
import DD_07 from "./rules/DD-07";
import DD_08 from "./rules/DD-08";
import DD_09 from "./rules/DD-09";
import DD_10 from "./rules/DD-10";
import DD_11 from "./rules/DD-11";
import DD_12 from "./rules/DD-12";
import DD_13 from "./rules/DD-13";
import DD_14 from "./rules/DD-14";
import DD_15 from "./rules/DD-15";
import DD_16 from "./rules/DD-16";
import DD_17 from "./rules/DD-17";
import DD_18 from "./rules/DD-18";
import DD_19 from "./rules/DD-19";
import DD_20 from "./rules/DD-20";
import DD_21 from "./rules/DD-21";
import DD_22 from "./rules/DD-22";
import DD_23 from "./rules/DD-23";
import DD_24 from "./rules/DD-24";
import DD_25 from "./rules/DD-25";
import ID_01 from "./rules/ID-01";
import ID_02 from "./rules/ID-02";
import ID_03 from "./rules/ID-03";
import ID_04 from "./rules/ID-04";
import ID_05 from "./rules/ID-05";
import ID_07 from "./rules/ID-07";
import ID_08 from "./rules/ID-08";
import ID_09 from "./rules/ID-09";
import ID_10 from "./rules/ID-10";
import ID_11 from "./rules/ID-11";
import ID_13 from "./rules/ID-13";
import ID_16 from "./rules/ID-16";
import TR_01 from "./rules/TR-01";
import TR_02 from "./rules/TR-02";
import TR_03 from "./rules/TR-03";
import TR_04 from "./rules/TR-04";
import TR_05 from "./rules/TR-05";
import TR_06 from "./rules/TR-06";
import TR_07 from "./rules/TR-07";
import TR_08 from "./rules/TR-08";
import TR_09 from "./rules/TR-09";
import TR_11 from "./rules/TR-11";
import TR_12 from "./rules/TR-12";
import TR_14 from "./rules/TR-14";
import TR_15 from "./rules/TR-15";
import TR_17 from "./rules/TR-17";
import TR_18 from "./rules/TR-18";
import TR_19 from "./rules/TR-19";
import TR_20 from "./rules/TR-20";
import TR_21 from "./rules/TR-21";
import TR_22 from "./rules/TR-22";
import TR_23 from "./rules/TR-23";
import TR_24 from "./rules/TR-24";
import TR_25 from "./rules/TR-25";
import FW_01 from "./rules/FW-01";
import FW_02 from "./rules/FW-02";
import FW_03 from "./rules/FW-03";
import FW_04 from "./rules/FW-04";
import FW_05 from "./rules/FW-05";
import FW_06 from "./rules/FW-06";
import FW_07 from "./rules/FW-07";
import FW_08 from "./rules/FW-08";
import FW_09 from "./rules/FW-09";
import FW_10 from "./rules/FW-10";
import FW_11 from "./rules/FW-11";
import FW_12 from "./rules/FW-12";
import FW_13 from "./rules/FW-13";
import FW_14 from "./rules/FW-14";
import FW_18 from "./rules/FW-18";
import FW_19 from "./rules/FW-19";
import FW_21 from "./rules/FW-21";
import CI_01 from "./rules/CI-01";
import CI_02 from "./rules/CI-02";
import CI_03 from "./rules/CI-03";
import CI_04 from "./rules/CI-04";
import CI_05 from "./rules/CI-05";
import CI_06 from "./rules/CI-06";
import CI_07 from "./rules/CI-07";
import CI_08 from "./rules/CI-08";
import CI_10 from "./rules/CI-10";
import CI_11 from "./rules/CI-11";
import CI_12 from "./rules/CI-12";
import CI_13 from "./rules/CI-13";
import CI_14 from "./rules/CI-14";
import CI_15 from "./rules/CI-15";
import CI_16 from "./rules/CI-16";
import CI_17 from "./rules/CI-17";
import CI_18 from "./rules/CI-18";
import HS_08 from "./rules/HS-08";
import HS_17 from "./rules/HS-17";
import HS_19 from "./rules/HS-19";
import LC_01 from "./rules/LC-01";
import LC_02 from "./rules/LC-02";
import LC_03 from "./rules/LC-03";
import LC_04 from "./rules/LC-04";
import LC_05 from "./rules/LC-05";
import LC_07 from "./rules/LC-07";
import LC_09 from "./rules/LC-09";
import LC_13 from "./rules/LC-13";
import LC_14 from "./rules/LC-14";
import LC_15 from "./rules/LC-15";
import LC_16 from "./rules/LC-16";
import SH_01 from "./rules/SH-01";
import SH_02 from "./rules/SH-02";
import SH_03 from "./rules/SH-03";
import SH_04 from "./rules/SH-04";
import SH_05 from "./rules/SH-05";
import SH_06 from "./rules/SH-06";
import SH_07 from "./rules/SH-07";
import SH_10 from "./rules/SH-10";
import ACT_01 from "./rules/ACT-01";
import CLOCK_01 from "./rules/CLOCK-01";
import GUEST_01 from "./rules/GUEST-01";
import GUEST_02 from "./rules/GUEST-02";
import MODEL_01 from "./rules/MODEL-01";
import UPDATE_01 from "./rules/UPDATE-01";
import UPDATE_02 from "./rules/UPDATE-02";

export const rules: readonly Rule[] = Object.freeze([
    NT_01,
    NT_02,
    NT_03,
    NT_04,
    NT_05,
    NT_06,
    NT_07,
    NT_08,
    NT_09,
    NT_10,
    NT_11,
    NT_12,
    NT_13,
    NT_14,
    NT_15,
    NT_16,
    NT_17,
    NT_18,
    NT_19,
    NT_20,
    NT_21,
    NT_22,
    NT_23,
    NT_24,
    NT_25,
    NT_26,
    NT_27,
    DD_01,
    DD_02,
    DD_03,
    DD_04,
    DD_05,
    DD_06,
    DD_07,
    DD_08,
    DD_09,
    DD_10,
    DD_11,
    DD_12,
    DD_13,
    DD_14,
    DD_15,
    DD_16,
    DD_17,
    DD_18,
    DD_19,
    DD_20,
    DD_21,
    DD_22,
    DD_23,
    DD_24,
    DD_25,
    ID_01,
    ID_02,
    ID_03,
    ID_04,
    ID_05,
    ID_07,
    ID_08,
    ID_09,
    ID_10,
    ID_11,
    ID_13,
    ID_16,
    TR_01,
    TR_02,
    TR_03,
    TR_04,
    TR_05,
    TR_06,
    TR_07,
    TR_08,
    TR_09,
    TR_11,
    TR_12,
    TR_14,
    TR_15,
    TR_17,
    TR_18,
    TR_19,
    TR_20,
    TR_21,
    TR_22,
    TR_23,
    TR_24,
    TR_25,
    FW_01,
    FW_02,
    FW_03,
    FW_04,
    FW_05,
    FW_06,
    FW_07,
    FW_08,
    FW_09,
    FW_10,
    FW_11,
    FW_12,
    FW_13,
    FW_14,
    FW_18,
    FW_19,
    FW_21,
    CI_01,
    CI_02,
    CI_03,
    CI_04,
    CI_05,
    CI_06,
    CI_07,
    CI_08,
    CI_10,
    CI_11,
    CI_12,
    CI_13,
    CI_14,
    CI_15,
    CI_16,
    CI_17,
    CI_18,
    HS_08,
    HS_17,
    HS_19,
    LC_01,
    LC_02,
    LC_03,
    LC_04,
    LC_05,
    LC_07,
    LC_09,
    LC_13,
    LC_14,
    LC_15,
    LC_16,
    SH_01,
    SH_02,
    SH_03,
    SH_04,
    SH_05,
    SH_06,
    SH_07,
    SH_10,
    ACT_01,
    CLOCK_01,
    GUEST_01,
    GUEST_02,
    MODEL_01,
    UPDATE_01,
    UPDATE_02,
    ...reachabilityRules,
]);
