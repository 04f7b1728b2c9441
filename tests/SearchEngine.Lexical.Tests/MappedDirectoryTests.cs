using Lucene.Net.Codecs;
using Lucene.Net.Store;
using SearchEngine.Lexical.Indexing;
using SearchEngine.Lexical.Mapped;
using Xunit;
using Directory = System.IO.Directory;

namespace SearchEngine.Lexical.Tests;

/// <summary>Rule: a mapped file reads as Lucene's own directory in memory reads the same bytes, whole, in parts and in clones.</summary>
public sealed class MappedDirectoryTests : IDisposable
{
    private const string Name = "file";

    private readonly string _path = Directory.CreateTempSubdirectory("mapped-").FullName;
    private readonly MappedDirectory _mapped;
    private readonly RAMDirectory _memory = new();

    public MappedDirectoryTests() => _mapped = new MappedDirectory(new DirectoryInfo(_path), null);

    public void Dispose()
    {
        _mapped.Dispose();
        _memory.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Reads_of_every_kind_give_what_the_memory_gives(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[5_000];
        random.NextBytes(bytes);
        // Numbers of variable length end soon or late, and some never: which is damage that both must name.
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = random.Next(3) == 0 ? (byte)(bytes[i] & 0x7F) : (byte)(bytes[i] | 0x80);
        Write(bytes, output => CodecUtil.WriteFooter(output));
        using var mapped = _mapped.OpenInput(Name, IOContext.DEFAULT);
        using var memory = _memory.OpenInput(Name, IOContext.DEFAULT);
        using var slicer = new CheckedDirectory(_mapped).CreateSlicer(Name, IOContext.DEFAULT);
        Assert.IsType<MappedSlicer>(slicer);
        Same(random, mapped, memory, 0, mapped.Length);
        for (var i = 0; i < 20; i++)
        {
            var start = random.Next(bytes.Length);
            var length = random.Next(bytes.Length - start + 1);
            using var part = slicer.OpenSlice("part", start, length);
            Same(random, part, memory, start, length);
        }
    }

    [Fact]
    public void A_merge_lets_go_of_what_it_has_read_and_others_do_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process holds of a file is read from /proc.");
        var bytes = new byte[32 << 20];
        new Random(3).NextBytes(bytes);
        Write(bytes);
        using var input = _mapped.OpenInput(Name, IOContext.DEFAULT);
        var read = new byte[bytes.Length];
        var reader = (IndexInput)input.Clone();
        ReadWords(reader, read);
        Assert.Equal(bytes, read);
        // A system that is short of memory takes pages away by itself: a second reading has them back.
        for (var again = 0; again < 100 && HeldBytes() < bytes.Length; again++)
        {
            reader.Seek(0);
            ReadWords(reader, read);
        }

        Assert.InRange(HeldBytes(), bytes.Length, long.MaxValue);

        Array.Clear(read);
        MergeScheduler.Merge(() => ReadWords((IndexInput)input.Clone(), read));
        Assert.Equal(bytes, read);
        Assert.InRange(HeldBytes(), 0, bytes.Length / 4);

        reader.Seek(0);
        Array.Clear(read);
        reader.ReadBytes(read, 0, read.Length);
        Assert.Equal(bytes, read);
    }

    [Fact]
    public void Whole_pages_between_two_places_are_let_go_and_counted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere nothing is let go.");
        var page = Environment.SystemPageSize;
        Write(new byte[10 * page]);
        using var file = new MappedFile(Path.Combine(_path, Name));

        Assert.Equal(10 * page, file.LetGo(0, 10 * page));
        Assert.Equal(3 * page, file.LetGo(0, 4 * page - 1));
        Assert.Equal(page, file.LetGo(0, page));
        Assert.Equal(0, file.LetGo(0, page - 1));
        file.Dispose();
        Assert.Equal(0, file.LetGo(0, 10 * page));
    }

    // As postings are read: a step to each word's place, then its bytes.
    private static void ReadWords(IndexInput input, byte[] to)
    {
        const int Word = 1_000;
        for (var at = 0; at < to.Length; at += Word)
        {
            input.Seek(at);
            input.ReadBytes(to, at, Math.Min(Word, to.Length - at));
        }
    }

    private long HeldBytes()
    {
        var isFile = false;
        long held = 0;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains(_path, StringComparison.Ordinal))
            {
                isFile = true;
            }
            else if (isFile && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                held +=
                    1024 * long.Parse(line.AsSpan(4).Trim().ToString().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
                isFile = false;
            }
        }

        return held;
    }

    [Fact]
    public void Clones_stand_where_the_input_stood_and_go_their_own_way()
    {
        Write([1, 2, 3, 4]);
        using var input = _mapped.OpenInput(Name, IOContext.DEFAULT);
        input.ReadByte();
        var clone = (IndexInput)input.Clone();
        Assert.Equal(2, clone.ReadByte());
        Assert.Equal(3, clone.ReadByte());
        Assert.Equal(2, input.ReadByte());
        clone.Dispose();
        Assert.Equal(3, input.ReadByte());
    }

    [Fact]
    public void What_is_closed_says_so_to_clones_and_parts_as_well()
    {
        Write([1, 2, 3, 4]);
        var input = _mapped.OpenInput(Name, IOContext.DEFAULT);
        var clone = (IndexInput)input.Clone();
        var part = ((MappedInput)input).Slice("part", 1, 2);
        input.Dispose();
        input.Dispose();
        foreach (var closed in new[] { input, clone, part })
        {
            Assert.Throws<ObjectDisposedException>(() => closed.ReadByte());
            Assert.Throws<ObjectDisposedException>(() => closed.Clone());
        }
    }

    [Fact]
    public void Nothing_is_read_of_an_empty_file_and_none_of_a_missing_one()
    {
        Write([]);
        using var input = _mapped.OpenInput(Name, IOContext.DEFAULT);
        Assert.Equal(0, input.Length);
        Assert.Throws<EndOfStreamException>(() => input.ReadByte());
        Assert.IsType<MappedInput>(input.Clone());
        Assert.Throws<FileNotFoundException>(() => _mapped.OpenInput("other", IOContext.DEFAULT));
    }

    [Fact]
    public void A_part_beyond_the_end_is_refused()
    {
        Write([1, 2, 3, 4]);
        using var input = (MappedInput)_mapped.OpenInput(Name, IOContext.DEFAULT);
        foreach (var (offset, length) in new (long, long)[] { (-1, 1), (0, 5), (4, 1), (1, long.MaxValue), (0, -1) })
            Assert.Throws<ArgumentException>(() => input.Slice("part", offset, length));
        Assert.Throws<EndOfStreamException>(() => input.Seek(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => input.Seek(-1));
    }

    private void Write(byte[] bytes, Action<IndexOutput>? end = null)
    {
        foreach (var directory in new Lucene.Net.Store.Directory[] { _mapped, _memory })
        {
            using var output = directory.CreateOutput(Name, IOContext.DEFAULT);
            output.WriteBytes(bytes, bytes.Length);
            end?.Invoke(output);
        }
    }

    /// <summary>Reads the same of both by random steps; where one finds no number, the other must not.</summary>
    private static void Same(Random random, IndexInput mapped, IndexInput memory, long start, long length)
    {
        Assert.Equal(length, mapped.Length);
        for (var i = 0; i < 2_000; i++)
        {
            var at = random.NextInt64(length + 1);
            var kind = random.Next(7);
            var count = random.Next(200);
            mapped.Seek(at);
            var seen = Attempt(mapped, kind, count, out var value);
            // Beyond the end of a part the memory would read on.
            if (at + Needed(kind, count) > length)
            {
                Assert.True(seen is EndOfStreamException || mapped.Position <= length, $"{seen}");
                continue;
            }

            memory.Seek(start + at);
            var expected = Attempt(memory, kind, count, out var right);
            Assert.Equal(expected?.GetType(), seen?.GetType());
            Assert.Equal(right, value);
            if (seen is null)
                Assert.Equal(memory.Position - start, mapped.Position);
        }
    }

    private static int Needed(int kind, int count) =>
        kind switch
        {
            0 => 1,
            1 => sizeof(short),
            2 => sizeof(int),
            3 => sizeof(long),
            4 => 5,
            5 => 10,
            _ => count,
        };

    private static Exception? Attempt(IndexInput input, int kind, int count, out object? value)
    {
        object? read = null;
        var error = Record.Exception(() =>
        {
            read = kind switch
            {
                0 => input.ReadByte(),
                1 => input.ReadInt16(),
                2 => input.ReadInt32(),
                3 => input.ReadInt64(),
                4 => input.ReadVInt32(),
                5 => input.ReadVInt64(),
                _ => Bytes(input, count),
            };
        });
        value = read;
        return error;
    }

    private static byte[] Bytes(IndexInput input, int count)
    {
        var bytes = new byte[count + 2];
        input.ReadBytes(bytes, 1, count);
        return bytes;
    }
}
