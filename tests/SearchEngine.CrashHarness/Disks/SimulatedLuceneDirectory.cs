using Lucene.Net.Store;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.TestDisks;

/// <summary>
/// Lucene's directory on a <see cref="SimulatedDisk"/>. Lucene.NET forces a file to the disk when it is closed (its <c>Sync</c> does
/// nothing) and never a name: an open file may be gone or cut, a closed one is whole, and whether either is there at all is decided by who
/// flushes the folder.
/// </summary>
internal sealed class SimulatedLuceneDirectory(SimulatedDisk disk, Directory inner) : FilterDirectory(inner)
{
    private readonly string _path = ((FSDirectory)inner).Directory.FullName;

    public override IndexOutput CreateOutput(string name, IOContext context)
    {
        disk.Delete(PathOf(name));
        disk.ThrowIfOff();
        var output = base.CreateOutput(name, context);
        return new Output(disk, disk.Created(PathOf(name)), output);
    }

    public override IndexInput OpenInput(string name, IOContext context)
    {
        disk.ThrowIfOff();
        return base.OpenInput(name, context);
    }

    public override void DeleteFile(string name)
    {
        if (!File.Exists(PathOf(name)))
            throw new FileNotFoundException(name);
        disk.Delete(PathOf(name));
    }

    public override void Sync(ICollection<string> names)
    {
        disk.ThrowIfOff();
        base.Sync(names);
    }

    private string PathOf(string name) => Path.Combine(_path, name);

    private sealed class Output(SimulatedDisk disk, FileNode node, IndexOutput output) : IndexOutput
    {
        private bool _disposed;

        public override long Position => output.Position;

        public override long Checksum => output.Checksum;

        public override long Length => output.Length;

        public override void WriteByte(byte b) => WriteBytes([b], 0, 1);

        public override void WriteBytes(byte[] b, int offset, int length)
        {
            disk.ThrowIfOff();
            lock (node)
                node.Written(output.Position, [], output.Position, b.AsSpan(offset, length).ToArray());
            output.WriteBytes(b, offset, length);
        }

        public override void Flush()
        {
            disk.ThrowIfOff();
            output.Flush();
        }

        [Obsolete("Lucene's own member is obsolete.")]
        public override void Seek(long pos) => output.Seek(pos);

        protected override void Dispose(bool disposing)
        {
            if (!disposing || _disposed)
                return;
            _disposed = true;
            output.Dispose();
            if (!disk.IsOff)
            {
                lock (node)
                    node.Forced();
            }
        }
    }
}
