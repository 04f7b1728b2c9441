using System.Globalization;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// Unicode normalisation (Unicode Standard Annex 15) from data of our own: <see cref="string.Normalize()"/> returns its input unchanged
/// where the runtime is in globalization-invariant mode, and its result depends on the machine's ICU elsewhere; token ids must not.
/// Thread-safe.
/// </summary>
internal sealed class UnicodeNormalizer
{
    private const int SBase = 0xAC00,
        LBase = 0x1100,
        VBase = 0x1161,
        TBase = 0x11A7,
        LCount = 19,
        VCount = 21,
        TCount = 28;

    /// <summary>Below this, nothing combines; below <see cref="FirstDecomposing"/>, nothing decomposes either.</summary>
    private const char FirstCombining = '\u0300',
        FirstDecomposing = '\u00A0';

    private static readonly Lazy<UnicodeNormalizer> Shared = new(() => new UnicodeNormalizer());

    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatibility = [];
    private readonly Dictionary<(int First, int Second), int> _composites = [];
    private readonly Dictionary<int, byte> _classes = [];

    private UnicodeNormalizer()
    {
        using var stream =
            typeof(UnicodeNormalizer).Assembly.GetManifestResourceStream("UnicodeNormalization.txt")
            ?? throw new InvalidOperationException("The resource UnicodeNormalization.txt is missing from the assembly.");
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is string line)
        {
            var fields = line.Split(' ');
            int Code(int i) => int.Parse(fields[i], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            switch (fields[0])
            {
                case "c":
                    for (var code = Code(1); code <= Code(2); code++)
                        _classes[code] = byte.Parse(fields[3], CultureInfo.InvariantCulture);
                    break;
                case "d":
                    _canonical[Code(1)] = [Code(2), Code(3)];
                    _composites[(Code(2), Code(3))] = Code(1);
                    break;
                case "x":
                    _canonical[Code(1)] = [.. Enumerable.Range(2, fields.Length - 2).Select(Code)];
                    break;
                case "k":
                    _compatibility[Code(1)] = [.. Enumerable.Range(2, fields.Length - 2).Select(Code)];
                    break;
            }
        }
    }

    /// <summary>The text in the given form; the same span if nothing changes in an obvious case.</summary>
    public static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text, UnicodeForm form)
    {
        var safe = form == UnicodeForm.Nfc ? FirstCombining : FirstDecomposing;
        return text.IndexOfAnyInRange(safe, char.MaxValue) < 0 ? text : Shared.Value.Apply(text, form);
    }

    private string Apply(ReadOnlySpan<char> text, UnicodeForm form)
    {
        List<int> codes = new(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, form is UnicodeForm.Nfkc or UnicodeForm.Nfkd, codes);
        Reorder(codes);
        if (form is UnicodeForm.Nfc or UnicodeForm.Nfkc)
            Compose(codes);
        StringBuilder result = new(codes.Count);
        foreach (var code in codes)
        {
            if (code < 0x10000)
                result.Append((char)code);
            else
                result.Append((char)(0xD800 + ((code - 0x10000) >> 10))).Append((char)(0xDC00 + ((code - 0x10000) & 0x3FF)));
        }
        return result.ToString();
    }

    private void Decompose(int code, bool compatibility, List<int> codes)
    {
        if (code < FirstDecomposing)
        {
            codes.Add(code);
        }
        else if (code - SBase is >= 0 and < LCount * VCount * TCount)
        {
            var index = code - SBase;
            codes.Add(LBase + index / (VCount * TCount));
            codes.Add(VBase + index % (VCount * TCount) / TCount);
            if (index % TCount != 0)
                codes.Add(TBase + index % TCount);
        }
        else if (compatibility && _compatibility.TryGetValue(code, out var parts))
        {
            codes.AddRange(parts);
        }
        else if (_canonical.TryGetValue(code, out parts))
        {
            foreach (var part in parts)
                Decompose(part, compatibility, codes);
        }
        else
        {
            codes.Add(code);
        }
    }

    /// <summary>Sorts each run of combining marks by class, keeping the order of equals.</summary>
    private void Reorder(List<int> codes)
    {
        for (var i = 0; i < codes.Count; i++)
        {
            if (codes[i] < FirstCombining || Class(codes[i]) == 0)
                continue;
            var end = i + 1;
            var sorted = true;
            while (end < codes.Count && Class(codes[end]) != 0)
            {
                sorted &= Class(codes[end - 1]) <= Class(codes[end]);
                end++;
            }
            if (!sorted)
            {
                int[] run = [.. codes.GetRange(i, end - i).OrderBy(Class)];
                for (var k = 0; k < run.Length; k++)
                    codes[i + k] = run[k];
            }
            i = end - 1;
        }
    }

    private void Compose(List<int> codes)
    {
        int kept = 0,
            starter = -1;
        byte lastClass = 0;
        for (var i = 0; i < codes.Count; i++)
        {
            var code = codes[i];
            var combining = Class(code);
            var blocked = starter >= 0 && kept - 1 > starter && (lastClass == 0 || lastClass >= combining);
            if (starter >= 0 && !blocked && Pair(codes[starter], code) is int composite)
            {
                codes[starter] = composite;
                continue;
            }
            if (combining == 0)
                starter = kept;
            lastClass = combining;
            codes[kept++] = code;
        }
        codes.RemoveRange(kept, codes.Count - kept);
    }

    private int? Pair(int first, int second)
    {
        if (first - LBase is >= 0 and < LCount && second - VBase is >= 0 and < VCount)
            return SBase + ((first - LBase) * VCount + (second - VBase)) * TCount;
        if (first - SBase is >= 0 and < LCount * VCount * TCount && (first - SBase) % TCount == 0 && second - TBase is > 0 and < TCount)
            return first + (second - TBase);
        return _composites.TryGetValue((first, second), out var composite) ? composite : null;
    }

    private byte Class(int code) => code < FirstCombining ? (byte)0 : _classes.GetValueOrDefault(code);
}
