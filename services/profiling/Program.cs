using Ecom.Profiling;

var builder = WebApplication.CreateBuilder(args);
builder.AddProfiling();

var app = builder.Build();
app.MapProfiling();
await app.RunAsync();
