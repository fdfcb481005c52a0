// SPDX-License-Identifier: Apache-2.0
// What a switch reads of a packet's header; layout: hw/docs/directcom.md, "Packet and header".
package packet_pkg;
  parameter ClassWidth = 2;  // 0 strict priority, 1..3 deficit round robin
  parameter TypeLsb = 0;
  parameter TypeWidth = 4;
  parameter ClassLsb = 4;
  parameter DestinationLsb = 6;
  parameter NodeWidth = 12;
  parameter BytesLsb = 46;   // payload bytes of types with payload
  parameter BytesWidth = 10;
  parameter LenWidth = 7;    // flits of a packet: 1 + 1008 B / 16 B at most
  parameter TypeData = 4'd1;
  parameter TypeGet = 4'd4;

  // How an output is chosen among several (hw/directcom/path_choice.h, same order).
  parameter ChoiceWidth = 3;
  parameter ChooseAdaptive = 3'd0;
  parameter ChooseAdaptive2 = 3'd1;
  parameter ChooseRandom = 3'd2;
  parameter ChooseRoundRobin = 3'd3;
  parameter ChooseStatic = 3'd5;

  // What the configuration port writes: tables and start values, before the first packet.
  parameter SelectWidth = 3;
  parameter SelectRoute = 3'd0;    // by destination: pool, outputs
  parameter SelectFarPool = 3'd1;  // by output, destination: pool at the next hop
  parameter SelectCredit = 3'd2;   // by output, pool, class: flits
  parameter SelectLfsr = 3'd3;     // by input: state
  parameter SelectRule = 3'd4;     // by number below: value
  parameter RuleQuantum1 = 3'd0;
  parameter RuleQuantum2 = 3'd1;
  parameter RuleQuantum3 = 3'd2;
  parameter RulePatience = 3'd3;
  parameter RuleMarkFlits = 3'd4;
  parameter RuleChoice = 3'd5;
  parameter RuleLongest = 3'd6;    // flits of the longest packet
  parameter ConfigWidth = 40;
  parameter QuantumWidth = 17;
endpackage
