using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// AVX512-VNNI: four products and their sum in one instruction of 512 bits, in machine code that is made at run time
/// (<see cref="VnniAssembler"/>), one routine for each size of a tile. Four rows by four panels are held in registers.
/// </summary>
internal sealed unsafe class Vnni512Kernel : Int8Kernel
{
    private const int RoutineAlignment = 64;
    private const int FirstSums = 16;
    private const int FirstInputs = 4;

    /// <summary>By rows - 1 and panels - 1.</summary>
    private readonly delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[] _routines;

    private Vnni512Kernel(byte* code, int[] positions)
    {
        _routines = new delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>[positions.Length];
        for (var i = 0; i < positions.Length; i++)
            _routines[i] = (delegate* unmanaged[SuppressGCTransition]<TileArguments*, void>)(code + positions[i]);
    }

    public override string Name => "avx512-vnni";

    public override int Offset => PreparedInputs.UnsignedOffset;

    /// <summary>
    /// True if the processor and the system have the instructions: leaf 7 of CPUID, bit 16 of ebx and bit 11 of ecx. .NET says whether the
    /// system keeps the registers; a native program's answer is that of the processors it was compiled for, so there the system is asked.
    /// </summary>
    private static bool IsSupported
    {
        get
        {
            if (!X86Base.X64.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
                return false;
            (_, var ebx, var ecx, _) = X86Base.CpuId(7, 0);
            return (ebx >> 16 & 1) != 0
                && (ecx >> 11 & 1) != 0
                && (RuntimeFeature.IsDynamicCodeSupported ? Avx512F.X64.IsSupported : SystemKeepsVectors());
        }
    }

    /// <summary>
    /// Whether the system saves and restores registers of 512 bits: the bits of the extended control register 0 for the states of SSE, AVX and
    /// AVX-512 (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 13.3), which programs may read where bit 27 of
    /// leaf 1's ecx is set.
    /// </summary>
    internal static bool SystemKeepsVectors()
    {
        const uint Needed = 0xe6;
        if (!X86Base.X64.IsSupported || (X86Base.CpuId(1, 0).Ecx >> 27 & 1) == 0)
            return false;
        VnniAssembler assembler = new();
        assembler.ReadControl();
        var code = ExecutableMemory.TryPlace(assembler.Code);
        return code is not null && (((delegate* unmanaged[SuppressGCTransition]<uint>)code)() & Needed) == Needed;
    }

    /// <summary>The kernel, or null where the processor has no such instructions or the system lets nobody make code.</summary>
    public static Vnni512Kernel? TryCreate()
    {
        if (!IsSupported)
            return null;
        VnniAssembler assembler = new();
        List<int> positions = [];
        for (var rows = 1; rows <= TileRows; rows++)
        {
            for (var panels = 1; panels <= Int8Panels.BlockPanels; panels++)
            {
                assembler.Align(RoutineAlignment);
                positions.Add(assembler.Position);
                Assemble(assembler, rows, panels);
            }
        }
        var code = ExecutableMemory.TryPlace(assembler.Code);
        return code is null ? null : new Vnni512Kernel(code, [.. positions]);
    }

    public override void Prepare(sbyte* row, int groups, byte* target) => PreparedInputs.Unsigned(row, groups, target);

    public override void Tile(byte* inputs, nint inputStride, int rows, sbyte* weights, int panels, int groups, int* sums)
    {
        TileArguments arguments = new(inputs, inputStride, weights, groups, sums);

        // SAFETY: the routine reads whole groups of the rows and the block, and writes (rows, panels · 16) sums; the caller has room for them.
        _routines[(rows - 1) * Int8Panels.BlockPanels + panels - 1](&arguments);
    }

    /// <summary>One routine: its only argument is the address of a <see cref="TileArguments"/>.</summary>
    private static void Assemble(VnniAssembler code, int rows, int panels)
    {
        // rax: inputs; r8: their stride, rcx: three of it; rdx: weights; r10: groups to go; r11: sums.
        var arguments = OperatingSystem.IsWindows() ? VnniAssembler.Rcx : VnniAssembler.Rdi;
        code.Load(VnniAssembler.Rax, arguments, 0);
        code.Load(VnniAssembler.R8, arguments, 8);
        code.Load(VnniAssembler.Rdx, arguments, 16);
        code.Load(VnniAssembler.R10, arguments, 24);
        code.Load(VnniAssembler.R11, arguments, 32);
        code.Triple(VnniAssembler.Rcx, VnniAssembler.R8);
        for (var i = 0; i < rows * panels; i++)
            code.Zero(FirstSums + i);
        code.Align(RoutineAlignment);
        var loop = code.Position;
        for (var panel = 0; panel < panels; panel++)
            code.LoadVector(panel, VnniAssembler.Rdx, panel);
        for (var row = 0; row < rows; row++)
        {
            var inputs = FirstInputs + row % 2;
            int? index = row switch
            {
                0 => null,
                3 => VnniAssembler.Rcx,
                _ => VnniAssembler.R8,
            };
            code.Broadcast(inputs, VnniAssembler.Rax, index, scale: row == 2 ? 2 : 1);
            for (var panel = 0; panel < panels; panel++)
                code.DotProduct(FirstSums + row * panels + panel, inputs, panel);
        }
        code.Add(VnniAssembler.Rax, Int8Panels.Group);
        code.Add(VnniAssembler.Rdx, panels * Int8Panels.Columns * Int8Panels.Group);
        code.DecrementAndLoop(VnniAssembler.R10, loop);
        for (var i = 0; i < rows * panels; i++)
            code.StoreVector(FirstSums + i, VnniAssembler.R11, i);
        code.Return();
    }

    /// <summary>What a routine reads, in this order, eight bytes each.</summary>
    private readonly struct TileArguments(byte* inputs, nint inputStride, sbyte* weights, long groups, int* sums)
    {
        public readonly byte* Inputs = inputs;
        public readonly nint InputStride = inputStride;
        public readonly sbyte* Weights = weights;
        public readonly long Groups = groups;
        public readonly int* Sums = sums;
    }
}
