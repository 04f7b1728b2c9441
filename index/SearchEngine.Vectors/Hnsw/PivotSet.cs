using System.Numerics;
using System.Runtime.CompilerServices;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Nodes that a search may start from, each with a sketch of its vector: the signs of <see cref="Bits"/> random projections, taken about the
/// mean of all pivots. Two vectors at an angle θ about it differ in a share θ/π of the signs (Charikar 2002), so that the pivots
/// nearest to a query are found by comparing its sketch with all of them, four words each from cache, an order of magnitude cheaper than
/// scoring a node of the graph. Immutable.
/// </summary>
internal sealed unsafe class PivotSet
{
    public const int Bits = 256;
    private const int Words = Bits / 64;
    private const int RotationSeed = 5;
    private static readonly RandomRotation Rotation = new(Bits, RotationSeed);

    private readonly int[] _nodes;
    private readonly ulong[] _sketches;
    private readonly float[] _centre;
    private readonly float[] _signs;

    /// <summary>Makes the sketches.</summary>
    /// <param name="nodes">The pivots; at least one.</param>
    /// <param name="dimension">Of their vectors.</param>
    /// <param name="complete">Whether every node has a pivot in its surroundings.</param>
    /// <param name="read">Writes the vector of a node.</param>
    public PivotSet(int[] nodes, int dimension, bool complete, Action<int, nint> read)
    {
        _nodes = nodes;
        IsComplete = complete;
        _centre = new float[dimension];
        _signs = new float[dimension];
        var random = new Random(RotationSeed);
        for (int i = 0; i < dimension; i++)
            _signs[i] = 2 * random.Next(2) - 1;
        _sketches = new ulong[nodes.Length * Words];
        float[] vector = new float[dimension];
        double[] sum = new double[dimension];
        fixed (float* v = vector)
        {
            foreach (int node in nodes)
            {
                read(node, (nint)v);
                for (int i = 0; i < dimension; i++)
                    sum[i] += v[i];
            }
            for (int i = 0; i < dimension; i++)
                _centre[i] = (float)(sum[i] / nodes.Length);
            for (int i = 0; i < nodes.Length; i++)
            {
                read(nodes[i], (nint)v);
                fixed (ulong* sketch = &_sketches[i * Words])
                    Sketch(v, sketch);
            }
        }
    }

    private PivotSet(PivotSet other, int[] nodes)
    {
        (_nodes, _sketches, _centre, _signs, IsComplete) = (nodes, other._sketches, other._centre, other._signs, other.IsComplete);
    }

    public ReadOnlySpan<int> Nodes => _nodes;

    /// <summary>Whether every node had a pivot in its surroundings when the set was made; otherwise a search needs another start beside.</summary>
    public bool IsComplete { get; }

    /// <summary>The same pivots where node <paramref name="order"/>[i] has become node i.</summary>
    public PivotSet Renumbered(int[] order)
    {
        int[] moved = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
            moved[order[i]] = i;
        return new PivotSet(this, [.. _nodes.Select(node => moved[node])]);
    }

    /// <summary>Fills a beam with the pivots whose sketches are nearest to that of a query, by the number of differing bits.</summary>
    public void Nearest(float* query, ref Beam beam)
    {
        ulong* sketch = stackalloc ulong[Words];
        Sketch(query, sketch);
        ulong q0 = sketch[0], q1 = sketch[1], q2 = sketch[2], q3 = sketch[3];
        float limit = float.PositiveInfinity;
        fixed (ulong* sketches = _sketches)
        {
            ulong* s = sketches;
            for (int i = 0; i < _nodes.Length; i++, s += Words)
            {
                int differing = BitOperations.PopCount(s[0] ^ q0) + BitOperations.PopCount(s[1] ^ q1)
                    + BitOperations.PopCount(s[2] ^ q2) + BitOperations.PopCount(s[3] ^ q3);
                if (differing < limit)
                {
                    beam.Insert(differing, _nodes[i]);
                    limit = beam.Limit;
                }
            }
        }
    }

    // Components beyond the number of bits are folded onto the first with random signs, then all are mixed by the rotation.
    [SkipLocalsInit]
    private void Sketch(float* vector, ulong* sketch)
    {
        float* mixed = stackalloc float[Bits];
        new Span<float>(mixed, Bits).Clear();
        for (int start = 0; start < _centre.Length; start += Bits)
        {
            int n = Math.Min(Bits, _centre.Length - start);
            Vector<float> sign, centre;
            int i = 0;
            for (; i <= n - Vector<float>.Count; i += Vector<float>.Count)
            {
                sign = new Vector<float>(_signs, start + i);
                centre = new Vector<float>(_centre, start + i);
                (Vector.Load(mixed + i) + sign * (Vector.Load(vector + start + i) - centre)).Store(mixed + i);
            }
            for (; i < n; i++)
                mixed[i] += _signs[start + i] * (vector[start + i] - _centre[start + i]);
        }
        Rotation.Apply(mixed);
        for (int w = 0; w < Words; w++)
        {
            ulong bits = 0;
            for (int i = 0; i < 64; i++)
                bits |= (ulong)(BitConverter.SingleToUInt32Bits(mixed[64 * w + i]) >> 31) << i;
            sketch[w] = bits;
        }
    }
}
