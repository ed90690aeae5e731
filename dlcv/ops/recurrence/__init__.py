"""Recurrent cells as pure functions: one step, and scans over time whose gradient is written for speed."""

from dlcv.ops.recurrence.gru import GRU, GruCarry, gru_scan, gru_scan_with_states, gru_step
from dlcv.ops.recurrence.lengths import inside, last_inside, reverse
from dlcv.ops.recurrence.lstm import LSTM, LstmCarry, lstm_scan, lstm_scan_with_states, lstm_step
from dlcv.ops.recurrence.rnn import RNN, RnnCarry, rnn_scan, rnn_scan_with_states, rnn_step
from dlcv.ops.recurrence.scan import Cell, Weights, scan, scan_with_states

__all__ = [
    "GRU", "LSTM", "RNN", "Cell", "GruCarry", "LstmCarry", "RnnCarry", "Weights", "gru_scan", "gru_scan_with_states", "gru_step",
    "inside", "last_inside", "lstm_scan", "lstm_scan_with_states", "lstm_step", "reverse", "rnn_scan", "rnn_scan_with_states",
    "rnn_step", "scan", "scan_with_states",
]  # fmt: skip
