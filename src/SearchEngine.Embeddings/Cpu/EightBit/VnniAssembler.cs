namespace SearchEngine.Embeddings.Cpu.EightBit;

/// <summary>
/// Writes the few instructions of <see cref="Vnni512Kernel"/> as x64 machine code (Intel 64 and IA-32 Architectures Software Developer's
/// Manual, volume 2: REX and EVEX prefixes). .NET 10 has no method for AVX512-VNNI. Of general registers rax, rcx, rdx and r8 to r11 are
/// used, of vectors 0 to 5 and 16 to 31: neither System V nor Windows wants those back.
/// </summary>
internal sealed class VnniAssembler
{
    public const int Rax = 0;
    public const int Rcx = 1;
    public const int Rdx = 2;
    public const int Rdi = 7;
    public const int R8 = 8;
    public const int R10 = 10;
    public const int R11 = 11;

    private const byte Prefix66 = 1;
    private const byte PrefixF3 = 2;
    private const byte Map0F = 1;
    private const byte Map0F38 = 2;
    private const int NoIndex = 4; // what a SIB byte says where there is no index
    private readonly List<byte> _code = [];

    /// <summary>The code so far.</summary>
    public ReadOnlySpan<byte> Code => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_code);

    /// <summary>Where the next instruction goes.</summary>
    public int Position => _code.Count;

    /// <summary>Fills up to a multiple, so that what follows starts on a line of the instruction cache.</summary>
    public void Align(int bytes)
    {
        while (_code.Count % bytes != 0)
            _code.Add(0x90); // nop
    }

    /// <summary>target = the eight bytes at base + displacement (-128 to 127).</summary>
    public void Load(int target, int @base, int displacement) =>
        _code.AddRange([Rex(target, 0, @base), 0x8b, (byte)(0x40 | (target & 7) << 3 | @base & 7), (byte)displacement]);

    /// <summary>target = 3 · source.</summary>
    public void Triple(int target, int source) =>
        _code.AddRange([Rex(target, source, source), 0x8d, (byte)((target & 7) << 3 | 4), (byte)(0x40 | (source & 7) << 3 | source & 7)]);

    /// <summary>register += value.</summary>
    public void Add(int register, int value)
    {
        _code.AddRange([Rex(0, 0, register), 0x81, (byte)(0xc0 | register & 7)]);
        _code.AddRange(BitConverter.GetBytes(value));
    }

    /// <summary>register -= 1, and back to an earlier position unless it is zero.</summary>
    public void DecrementAndLoop(int register, int position)
    {
        _code.AddRange([Rex(0, 0, register), 0xff, (byte)(0xc8 | register & 7), 0x0f, 0x85]);
        _code.AddRange(BitConverter.GetBytes(position - (_code.Count + sizeof(int))));
    }

    /// <summary>vpxord: target = 0.</summary>
    public void Zero(int target)
    {
        Evex(target, target, target >> 4, target >> 3, Map0F, Prefix66, wide: false);
        _code.AddRange([0xef, (byte)(0xc0 | (target & 7) << 3 | target & 7)]);
    }

    /// <summary>vmovdqu64: target = the 64 bytes at base + 64 · vectors.</summary>
    public void LoadVector(int target, int @base, int vectors) => Move(0x6f, target, @base, vectors);

    /// <summary>vmovdqu64: the 64 bytes at base + 64 · vectors = source.</summary>
    public void StoreVector(int source, int @base, int vectors) => Move(0x7f, source, @base, vectors);

    /// <summary>vpbroadcastd: every four bytes of target = the four bytes at base, or at base + scale · index.</summary>
    /// <param name="index">A general register, or null.</param>
    /// <param name="scale">1 or 2.</param>
    public void Broadcast(int target, int @base, int? index, int scale)
    {
        Evex(target, 0, (index ?? NoIndex) >> 3, @base >> 3, Map0F38, Prefix66, wide: false);
        _code.AddRange([0x58, (byte)((target & 7) << 3 | 4), (byte)((scale == 2 ? 0x40 : 0) | ((index ?? NoIndex) & 7) << 3 | @base & 7)]);
    }

    /// <summary>vpdpbusd: sums += inputs (without a sign) · weights (with one), four bytes at a time.</summary>
    public void DotProduct(int sums, int inputs, int weights)
    {
        Evex(sums, inputs, weights >> 4, weights >> 3, Map0F38, Prefix66, wide: false);
        _code.AddRange([0x50, (byte)(0xc0 | (sums & 7) << 3 | weights & 7)]);
    }

    /// <summary>A whole routine: xor ecx, ecx; xgetbv; ret. It returns the lower half of the extended control register 0.</summary>
    public void ReadControl() => _code.AddRange([0x31, 0xc9, 0x0f, 0x01, 0xd0, 0xc3]);

    /// <summary>vzeroupper; ret.</summary>
    public void Return() => _code.AddRange([0xc5, 0xf8, 0x77, 0xc3]);

    private void Move(byte operation, int vector, int @base, int vectors)
    {
        // An eight-bit displacement counts in vectors.
        Evex(vector, 0, 0, @base >> 3, Map0F, PrefixF3, wide: true);
        _code.AddRange([operation, (byte)(0x40 | (vector & 7) << 3 | @base & 7), (byte)vectors]);
    }

    private static byte Rex(int register, int index, int @base) => (byte)(0x48 | (register >> 3) << 2 | (index >> 3) << 1 | @base >> 3);

    /// <summary>
    /// The four bytes of the prefix at 512 bits, without a mask. What it holds of registers is inverted: R and R' of the first operand, vvvv
    /// and V' of the second, X and B of the third.
    /// </summary>
    private void Evex(int first, int second, int x, int b, byte map, byte prefix, bool wide) =>
        _code.AddRange([
            0x62,
            (byte)((~first >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~first >> 4 & 1) << 4 | map),
            (byte)((wide ? 0x80 : 0) | (~second & 15) << 3 | 4 | prefix),
            (byte)(0x40 | (~second >> 4 & 1) << 3),
        ]);
}
