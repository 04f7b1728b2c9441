using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class OverlayFileTests
{
    /// <summary>Against an array of bytes; what lies on the disk stays as it is.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(200_001)]
    public void Reads_and_writes_are_those_of_an_array_and_the_disk_stays_as_it_is(int length)
    {
        using var directory = new TemporaryDirectory();
        var random = new Random(TestSeed.Get(length));
        var disk = new byte[length];
        random.NextBytes(disk);
        var path = directory.Combine("file");
        File.WriteAllBytes(path, disk);
        var model = disk.ToArray();
        using (var file = OverlayFile.Open(path))
        {
            Assert.Equal(length, file.Length);
            for (var step = 0; step < 300; step++)
            {
                var at = random.Next(model.Length + 1);
                switch (random.Next(8))
                {
                    case 0:
                        Array.Resize(ref model, random.Next(model.Length + 100_000));
                        file.SetLength(model.Length);
                        break;
                    case 1 or 2 or 3:
                        var data = new byte[random.Next(4) == 0 ? random.Next(150_000) : random.Next(100)];
                        random.NextBytes(data);
                        Array.Resize(ref model, Math.Max(model.Length, at + data.Length));
                        data.CopyTo(model, at);
                        file.Write(data, at);
                        break;
                    default:
                        var read = new byte[random.Next(150_000)];
                        Array.Fill(read, (byte)0xEE);
                        var count = file.Read(read, at);
                        Assert.Equal(Math.Min(read.Length, model.Length - at), count);
                        Assert.True(model.AsSpan(at, count).SequenceEqual(read.AsSpan(0, count)), $"step {step} at {at}");
                        Assert.False(read.AsSpan(count).ContainsAnyExcept((byte)0xEE));
                        break;
                }

                Assert.Equal(model.Length, file.Length);
            }
        }

        Assert.Equal(disk, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_file_that_is_not_there_is_made_in_memory_alone()
    {
        using var directory = new TemporaryDirectory();
        using (var file = OverlayFile.Open(directory.Combine("none")))
        {
            Assert.Equal(0, file.Length);
            file.Write([1, 2, 3], 10);
            var read = new byte[13];
            Assert.Equal(13, file.Read(read, 0));
            Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3], read);
        }

        Assert.Empty(Directory.GetFiles(directory.FullPath));
    }
}
