using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SearchEngine.Vectors.Distance;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Nodes that a search may start from, each with a sketch of the vectors around it: the signs of <see cref="Bits"/> random projections of
/// their
/// mean, taken about a common centre. Two vectors at an angle θ about it differ in a share θ/π of the signs (Charikar 2002), so that the
/// pivots
/// nearest to a query are found by comparing its sketch with all of them, 32 bytes each from cache. Immutable.
/// </summary>
internal sealed unsafe class PivotSet
{
    public const int Bits = 64 * SketchKernels.Words;
    private const int RotationSeed = 5;

    // With so many pivots wanted or fewer the first halves of the sketches say which few are compared whole.
    private const int HalvesUpTo = 4;

    // Two pivots as near to a query differ in the first half of their sketches by some four bits (one standard deviation), and one that is
    // near differs from those that have nothing to do with the query by thirty.
    private const int HalfSlack = 12;

    private static readonly RandomRotation Rotation = new(Bits, RotationSeed);

    private readonly int[] _nodes;

    // Blocks as SketchKernels reads them. What is left of the last one belongs to no pivot.
    private readonly ulong[] _sketches;

    // The first two words of every sketch once more, in blocks side by side: half the memory to go through. And the last two of each.
    private readonly ulong[] _halves;
    private readonly ulong[] _others;
    private readonly float[] _centre;
    private readonly float[] _signs;

    /// <param name="nodes">The pivots.</param>
    /// <param name="sketches">Their sketches, in pinned memory, in blocks as <see cref="SketchKernels"/> reads them.</param>
    /// <param name="centre">What the projections are taken about.</param>
    /// <param name="complete">Whether every node had a pivot in its surroundings.</param>
    /// <param name="chosenAmong">How many vectors the index held then.</param>
    public PivotSet(int[] nodes, ulong[] sketches, float[] centre, bool complete, int chosenAmong)
    {
        (_nodes, _sketches, _centre, _signs, IsComplete, ChosenAmong) = (
            nodes,
            sketches,
            centre,
            Signs(centre.Length),
            complete,
            chosenAmong
        );
        var blocks = sketches.Length / SketchKernels.BlockWords;
        _halves = GC.AllocateUninitializedArray<ulong>(blocks * SketchKernels.HalfBlockWords, pinned: true);
        _others = GC.AllocateUninitializedArray<ulong>(2 * nodes.Length, pinned: true);
        for (var block = 0; block < blocks; block++)
        {
            sketches
                .AsSpan(block * SketchKernels.BlockWords, SketchKernels.HalfBlockWords)
                .CopyTo(_halves.AsSpan(block * SketchKernels.HalfBlockWords));
        }
        for (var i = 0; i < nodes.Length; i++)
        {
            var at = i / SketchKernels.BlockSize * SketchKernels.BlockWords + i % SketchKernels.BlockSize;
            _others[2 * i] = sketches[at + 2 * SketchKernels.BlockSize];
            _others[2 * i + 1] = sketches[at + 3 * SketchKernels.BlockSize];
        }
    }

    /// <summary>Bytes of working memory that <see cref="Nearest"/> takes.</summary>
    public int WorkBytes => (_nodes.Length + Vector512<byte>.Count - 1) / Vector512<byte>.Count * Vector512<byte>.Count;

    public ReadOnlySpan<int> Nodes => _nodes;

    public ReadOnlySpan<ulong> Sketches => _sketches;

    public ReadOnlySpan<float> Centre => _centre;

    /// <summary>How many vectors the index held when the pivots were chosen.</summary>
    public int ChosenAmong { get; }

    /// <summary>
    /// Whether every node had a pivot in its surroundings when the set was made; otherwise a search needs another start beside.
    /// </summary>
    public bool IsComplete { get; }

    /// <summary>The same pivots where node <paramref name="order"/>[i] has become node i.</summary>
    public PivotSet Renumbered(int[] order)
    {
        var moved = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
            moved[order[i]] = i;
        return new PivotSet([.. _nodes.Select(node => moved[node])], _sketches, _centre, IsComplete, ChosenAmong);
    }

    /// <summary>
    /// Fills a beam with the pivots whose sketches are nearest to that of a query, by the number of differing bits. Of few, those are sought
    /// among the pivots whose first halves are near: one that would be missed so is as near as another to within its sketch's own error.
    /// </summary>
    /// <param name="query">The prepared query vector.</param>
    /// <param name="beam">Receives the pivots.</param>
    /// <param name="work">At least <see cref="WorkBytes"/>.</param>
    [SkipLocalsInit]
    public void Nearest(float* query, ref Beam beam, byte* work)
    {
        var sketch = stackalloc ulong[SketchKernels.Words];
        Sketch(query, _centre, _signs, sketch);
        if (beam.Capacity <= HalvesUpTo)
            NearestByHalves(sketch, ref beam, work);
        else
            NearestOfAll(sketch, ref beam);
    }

    private void NearestByHalves(ulong* sketch, ref Beam beam, byte* differing)
    {
        var n = _nodes.Length;
        fixed (ulong* halves = _halves)
            SketchKernels.CountHalves(sketch, halves, _halves.Length / SketchKernels.HalfBlockWords, differing);
        var near = Math.Min(byte.MaxValue, TensorPrimitives.Min(new ReadOnlySpan<byte>(differing, n)) + HalfSlack);
        new Span<byte>(differing + n, WorkBytes - n).Fill(byte.MaxValue);
        var limits = Vector512.Create((byte)near);
        var worst = Bits + 1;
        fixed (ulong* others = _others)
        {
            for (var first = 0; first < n; first += Vector512<byte>.Count)
            {
                var mask = Vector512.LessThanOrEqual(Vector512.Load(differing + first), limits).ExtractMostSignificantBits();
                for (; mask != 0; mask &= mask - 1)
                {
                    var at = first + BitOperations.TrailingZeroCount(mask);
                    var bits =
                        differing[at]
                        + BitOperations.PopCount(others[2 * at] ^ sketch[2])
                        + BitOperations.PopCount(others[2 * at + 1] ^ sketch[3]);
                    if (bits >= worst)
                        continue;
                    beam.Insert(bits, _nodes[at]);
                    if (beam.IsFull)
                        worst = (int)beam.Worst;
                }
            }
        }
    }

    private void NearestOfAll(ulong* sketch, ref Beam beam)
    {
        var differing = stackalloc ulong[SketchKernels.BlockSize];
        int limit = Bits + 1,
            blocks = _sketches.Length / SketchKernels.BlockWords;
        fixed (ulong* sketches = _sketches)
        {
            for (var block = 0; (block = SketchKernels.Next(sketch, sketches, block, blocks, limit, differing)) < blocks; block++)
            {
                int first = block * SketchKernels.BlockSize,
                    n = Math.Min(SketchKernels.BlockSize, _nodes.Length - first);
                for (var i = 0; i < n; i++)
                {
                    if (differing[i] < (ulong)limit)
                        beam.Insert(differing[i], _nodes[first + i]);
                }
                if (beam.IsFull)
                    limit = (int)beam.Worst;
            }
        }
    }

    // Components beyond the number of bits are folded onto the first with random signs, then all are mixed by the rotation.
    [SkipLocalsInit]
    private static void Sketch(float* vector, float[] centres, float[] signs, ulong* sketch)
    {
        var mixed = stackalloc float[Bits];
        new Span<float>(mixed, Bits).Clear();
        for (var start = 0; start < centres.Length; start += Bits)
        {
            int n = Math.Min(Bits, centres.Length - start),
                i = 0;
            for (; i <= n - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                Vector256<float> sign = Vector256.Create(signs, start + i),
                    centre = Vector256.Create(centres, start + i);
                (Vector256.Load(mixed + i) + sign * (Vector256.Load(vector + start + i) - centre)).Store(mixed + i);
            }
            for (; i < n; i++)
                mixed[i] += signs[start + i] * (vector[start + i] - centres[start + i]);
        }
        Rotation.Apply(mixed);
        var bytes = (byte*)sketch;
        for (var i = 0; i < Bits / 8; i++)
            bytes[i] = (byte)Vector256.Load(mixed + 8 * i).ExtractMostSignificantBits();
    }

    private static float[] Signs(int dimension)
    {
        var random = new Random(RotationSeed);
        var signs = new float[dimension];
        for (var i = 0; i < dimension; i++)
            signs[i] = 2 * random.Next(2) - 1;
        return signs;
    }

    /// <summary>Collects pivots.</summary>
    /// <param name="centre">What the projections are taken about: the mean of the collection, or of a sample of it.</param>
    public sealed class Builder(float[] centre)
    {
        private readonly List<int> _nodes = [];
        private readonly List<ulong> _words = [];
        private readonly float[] _signs = PivotSet.Signs(centre.Length);

        /// <summary>Adds a pivot.</summary>
        /// <param name="node">Its node.</param>
        /// <param name="vector">The mean of the vectors around it.</param>
        public void Add(int node, float* vector)
        {
            var sketch = stackalloc ulong[SketchKernels.Words];
            Sketch(vector, centre, _signs, sketch);
            _nodes.Add(node);
            for (var w = 0; w < SketchKernels.Words; w++)
                _words.Add(sketch[w]);
        }

        /// <summary>The set; null without pivots.</summary>
        /// <param name="live">How many vectors the index holds.</param>
        /// <param name="max">If there are more, so many of them, evenly spread, are taken and the set is not complete.</param>
        public PivotSet? Build(int live, int max)
        {
            var n = Math.Min(_nodes.Count, max);
            if (n == 0)
                return null;
            var nodes = new int[n];
            var blocks = (n + SketchKernels.BlockSize - 1) / SketchKernels.BlockSize;
            var sketches = GC.AllocateArray<ulong>(blocks * SketchKernels.BlockWords, pinned: true);
            for (var i = 0; i < n; i++)
            {
                int from = (int)((long)i * _nodes.Count / n),
                    block = i / SketchKernels.BlockSize * SketchKernels.BlockWords;
                nodes[i] = _nodes[from];
                for (var w = 0; w < SketchKernels.Words; w++)
                    sketches[block + w * SketchKernels.BlockSize + i % SketchKernels.BlockSize] = _words[from * SketchKernels.Words + w];
            }
            return new PivotSet(nodes, sketches, centre, n == _nodes.Count, live);
        }
    }
}
