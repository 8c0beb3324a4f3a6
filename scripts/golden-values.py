#!/usr/bin/env python3
"""Makes test/fixtures/golden.json: fills of every strategy in every dtype, by docs/reference/stream_check.py alone.

    python3 scripts/golden-values.py            writes the fixture; then npx oxfmt
    python3 scripts/golden-values.py --print    prints it

Nothing here runs the package: the values are those of the stream's page, by the program that was written from it.
A row is added for a new strategy, here and nowhere else. A row that changes is a change of the stream.
Needs Python 3 and numpy.
"""

import hashlib
import json
import math
import os
import sys

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
sys.path.insert(0, os.path.join(root, 'docs', 'reference'))
sys.dont_write_bytecode = True
import stream_check  # noqa: E402

DTYPES = ('f32', 'bf16', 'f16', 'f8_e4m3', 'f8_e5m2')
MATRIX = [96, 128]  # a block and a half

NAMED = {
    '%s%s' % (name, suffix): {'scale': scale, 'mode': mode, 'distribution': distribution}
    for name, scale, mode in (('xavier', 1, 'fanAvg'), ('he', 2, 'fanIn'), ('lecun', 1, 'fanIn'))
    for suffix, distribution in (
        ('Normal', 'normal'),
        ('TruncatedNormal', 'truncatedNormal'),
        ('Uniform', 'uniform'),
    )
}


def scaled(**fields):
    return {'type': 'varianceScaling', 'scale': 1, 'mode': 'fanIn', 'distribution': 'truncatedNormal', 'gain': 1} | fields


def cut(mean=0, std=1, **bounds):
    return {'type': 'truncatedNormal', 'mean': mean, 'std': std} | bounds


def stft(**fields):
    return {'type': 'stft', 'side': 'real', 'window': 'hann', 'scaling': 'density', 'periodic': False} | fields


ROWS = [
    ({'type': 'zeros'}, MATRIX),
    ({'type': 'ones'}, MATRIX),
    ({'type': 'constant', 'value': -0.3}, MATRIX),
    ({'type': 'normal', 'mean': 0, 'std': 1}, MATRIX),
    ({'type': 'normal', 'mean': 0.1, 'std': 0.02}, MATRIX),
    ({'type': 'uniform', 'low': 0, 'high': 1}, MATRIX),
    ({'type': 'uniform', 'low': -0.05, 'high': 0.1}, MATRIX),
    (cut(), MATRIX),
    (cut(low=-2, high=2), MATRIX),
    (cut(0.5, 1, low=-0.5, high=3.5), MATRIX),
    (cut(low=3, high=4), MATRIX),
    (cut(high=-2), MATRIX),
    (cut(std=100, low=-0.01, high=0.02), MATRIX),
    (scaled(), MATRIX),
    (scaled(scale=3, mode='fanGeoAvg', distribution='uniform', gain=0.5), MATRIX),
    (scaled(mode='fanOut', distribution='normal'), [16, 8, 9, 9]),
    *(({'type': name}, MATRIX) for name in NAMED),
    ({'type': 'residualNormal', 'std': 0.02, 'layers': 12}, MATRIX),
    ({'type': 'zeroRows', 'rows': [1, 64], 'strategy': {'type': 'heUniform'}}, MATRIX),
    ({'type': 'identity', 'gain': 0.3}, MATRIX),
    ({'type': 'dirac', 'groups': 2, 'center': 'upper', 'layout': 'oi'}, [16, 8, 3, 4]),
    ({'type': 'dirac', 'groups': 1, 'center': 'lower', 'layout': 'io'}, [4, 3, 8, 16]),
    ({'type': 'bilinear'}, [4, 4, 6, 5]),
    ({'type': 'forgetGateBias', 'value': 1.1, 'gates': 4, 'gate': 1}, [400]),
    ({'type': 'arange', 'start': -3, 'step': 0.1, 'axis': 0}, [100, 5]),
    ({'type': 'logArange', 'start': 1, 'step': 1, 'axis': -1}, [50, 64]),
    ({'type': 'sinusoidal', 'max': 10000, 'arrangement': 'interleaved'}, [100, 64]),
    ({'type': 'sinusoidal', 'max': 10000, 'arrangement': 'halves'}, [100, 64]),
    (stft(), [32, 1, 17]),
    (stft(side='imag', window='hamming', scaling='spectrum', periodic=True), [31, 1, 17]),
    ({'type': 'logUniform', 'low': 0.01, 'high': 100}, MATRIX),
    ({'type': 'logOfUniform', 'low': 1, 'high': 16}, MATRIX),
    ({'type': 'mambaDtBias', 'low': 0.001, 'high': 0.1, 'floor': 1e-4}, MATRIX),
    ({'type': 'griffinRecurrence', 'low': 0.9, 'high': 0.999}, MATRIX),
    ({'type': 'orthogonal', 'gain': 1, 'axis': 0}, [40, 70]),
    ({'type': 'orthogonal', 'gain': 1.5, 'axis': -1}, [3, 3, 24, 40]),
    ({'type': 'deltaOrthogonal', 'gain': 1, 'center': 'lower', 'layout': 'io'}, [2, 3, 30, 40]),
    ({'type': 'sparse', 'sparsity': 0.3, 'std': 0.02}, MATRIX),
]


def distribution_of(strategy, shape):
    """What the page makes of a strategy, for a shape in the layout 'oi'."""
    kind = strategy['type']
    if kind in ('zeros', 'ones'):
        return {'type': 'constant', 'value': 1 if kind == 'ones' else 0}
    if kind in ('constant', 'normal', 'uniform', 'truncatedNormal'):
        return strategy
    if kind in ('varianceScaling', 'residualNormal') or kind in NAMED:
        kernel = math.prod(shape[2:])
        full = scaled(**NAMED[kind]) if kind in NAMED else strategy
        return stream_check.distribution_of(full, shape[1] * kernel, shape[0] * kernel)
    if kind == 'zeroRows':
        of = distribution_of(strategy['strategy'], shape)
        return {'type': kind, 'rows': strategy['rows'], 'height': shape[0], 'width': math.prod(shape[1:]), 'of': of}
    return strategy | {'shape': shape}


def golden(strategy, shape):
    """The first four elements of each fill, and the beginning of its digest."""
    values = {}
    for dtype in DTYPES:
        request = {'seed': 'golden', 'name': 'w', 'dtype': dtype, 'count': math.prod(shape)}
        data = stream_check.elements(request | {'distribution': distribution_of(strategy, shape)})
        digest = hashlib.sha256(data.tobytes()).hexdigest()[:16]
        values[dtype] = '%s sha256:%s' % (stream_check.hex_bits(data[:4]), digest)
    return {'strategy': strategy, 'shape': shape, 'values': values}


if __name__ == '__main__':
    text = json.dumps([golden(*row) for row in ROWS], indent=2)
    if sys.argv[1:] == ['--print']:
        print(text)
    else:
        with open(os.path.join(root, 'test', 'fixtures', 'golden.json'), 'w', encoding='utf-8') as file:
            file.write(text + '\n')
